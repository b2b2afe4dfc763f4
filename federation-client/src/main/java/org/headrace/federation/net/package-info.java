/** Connections to addresses that were checked, with certificates that were checked. */
@NullMarked
package org.headrace.federation.net;

import org.jspecify.annotations.NullMarked;
