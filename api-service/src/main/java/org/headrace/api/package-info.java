/** The read side: everything that a client reads, from views, at positions (design D4, D10). */
@NullMarked
package org.headrace.api;

import org.jspecify.annotations.NullMarked;
