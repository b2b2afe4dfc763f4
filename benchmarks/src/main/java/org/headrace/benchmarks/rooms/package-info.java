/** What the room rules cost: resolution of forks, changes of the state tree, replay. */
@NullMarked
package org.headrace.benchmarks.rooms;

import org.jspecify.annotations.NullMarked;
