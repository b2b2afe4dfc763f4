/** What 1 to 64 owners of partitions decide and project, simulated from measured costs. */
@NullMarked
package org.headrace.benchmarks.scale;

import org.jspecify.annotations.NullMarked;
