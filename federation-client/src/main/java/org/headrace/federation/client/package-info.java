/** Signed, bounded requests to other servers. */
@NullMarked
package org.headrace.federation.client;

import org.jspecify.annotations.NullMarked;
