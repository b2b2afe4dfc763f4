/** What other servers may read: keys, templates, events, states and history (server-server API). */
@NullMarked
package org.headrace.api.federation;

import org.jspecify.annotations.NullMarked;
