/** The view ports over one RocksDB in the data folder. */
@NullMarked
package org.headrace.projections.rocksdb;

import org.jspecify.annotations.NullMarked;
