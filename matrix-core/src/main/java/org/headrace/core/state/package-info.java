/** The room state as a persistent, content-addressed tree (design D5). */
@NullMarked
package org.headrace.core.state;

import org.jspecify.annotations.NullMarked;
