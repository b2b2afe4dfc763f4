/** Hearing of what accounts decide, beside the views. */
@NullMarked
package org.headrace.log.accounts;

import org.jspecify.annotations.NullMarked;
