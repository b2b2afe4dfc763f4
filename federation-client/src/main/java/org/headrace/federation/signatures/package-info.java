/** Who signed a request or an event. */
@NullMarked
package org.headrace.federation.signatures;

import org.jspecify.annotations.NullMarked;
