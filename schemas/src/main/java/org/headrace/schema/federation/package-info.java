/** What other servers are to get, and how far they have got. */
@NullMarked
package org.headrace.schema.federation;

import org.jspecify.annotations.NullMarked;
