/** Reads what rooms need from the network (design D7). */
@NullMarked
package org.headrace.log.effects;

import org.jspecify.annotations.NullMarked;
