/** Looks into the views. */
@NullMarked
package org.headrace.projections.rocksdb;

import org.jspecify.annotations.NullMarked;
