/** Events as clients see them: format, visibility, pages of a timeline. */
@NullMarked
package org.headrace.api.event;

import org.jspecify.annotations.NullMarked;
