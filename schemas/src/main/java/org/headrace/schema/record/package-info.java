/** Records: what a topology decided; the only truth. */
@NullMarked
package org.headrace.schema.record;

import org.jspecify.annotations.NullMarked;
