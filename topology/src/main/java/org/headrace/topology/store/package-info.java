/** The versioned store: what lay before a position, over any ordered byte store (design D2). */
@NullMarked
package org.headrace.topology.store;

import org.jspecify.annotations.NullMarked;
