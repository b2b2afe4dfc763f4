/**
 * Views of rooms, states and events from rows, whatever keeps them: what is joined, and which row
 * counts, is here; how rows are found is each adapter's.
 */
@NullMarked
package org.headrace.projections.rows;

import org.jspecify.annotations.NullMarked;
