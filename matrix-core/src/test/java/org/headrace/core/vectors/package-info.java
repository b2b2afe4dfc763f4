/** Examples of the specification and cases of other implementations, read from resources. */
@NullMarked
package org.headrace.core.vectors;

import org.jspecify.annotations.NullMarked;
