/** The server-server API's operations, one class for each family. */
@NullMarked
package org.headrace.federation.call;

import org.jspecify.annotations.NullMarked;
