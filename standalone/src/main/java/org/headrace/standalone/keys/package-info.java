/** Other servers' keys in the data folder. */
@NullMarked
package org.headrace.standalone.keys;

import org.jspecify.annotations.NullMarked;
