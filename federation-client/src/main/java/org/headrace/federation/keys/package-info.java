/** The keys of other servers, and the port to those of our tenants. */
@NullMarked
package org.headrace.federation.keys;

import org.jspecify.annotations.NullMarked;
