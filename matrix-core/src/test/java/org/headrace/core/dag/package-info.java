@NullMarked
package org.headrace.core.dag;

import org.jspecify.annotations.NullMarked;
