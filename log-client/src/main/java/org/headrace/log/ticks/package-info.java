/** Reading ticks, and waking those who wait for them. */
@NullMarked
package org.headrace.log.ticks;

import org.jspecify.annotations.NullMarked;
