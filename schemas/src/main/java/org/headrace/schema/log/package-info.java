/** Topics, positions, partitions and the bytes of records. */
@NullMarked
package org.headrace.schema.log;

import org.jspecify.annotations.NullMarked;
