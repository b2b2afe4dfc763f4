/** From a server name to where it is served (server-server API, "Server discovery"). */
@NullMarked
package org.headrace.federation.discovery;

import org.jspecify.annotations.NullMarked;
