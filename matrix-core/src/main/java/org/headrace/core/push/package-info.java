/** Push rules: the predefined set and its evaluation (client-server API, push module). */
@NullMarked
package org.headrace.core.push;

import org.jspecify.annotations.NullMarked;
