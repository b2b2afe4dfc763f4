@NullMarked
package org.headrace.core.state;

import org.jspecify.annotations.NullMarked;
