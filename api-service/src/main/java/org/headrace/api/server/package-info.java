/** What the server says of itself: versions, capabilities, well-known. */
@NullMarked
package org.headrace.api.server;

import org.jspecify.annotations.NullMarked;
