/** Outgoing federation as a library. */
@NullMarked
package org.headrace.federation;

import org.jspecify.annotations.NullMarked;
