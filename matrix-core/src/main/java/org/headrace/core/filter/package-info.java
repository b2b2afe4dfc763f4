/** Event filters (client-server API, "Filtering"). */
@NullMarked
package org.headrace.core.filter;

import org.jspecify.annotations.NullMarked;
