/** The bytes of uploads, and of what other servers' uploads are kept for a while. */
@NullMarked
package org.headrace.media;

import org.jspecify.annotations.NullMarked;
