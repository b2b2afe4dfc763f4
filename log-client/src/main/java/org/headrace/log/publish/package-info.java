/** Publishing commands and waiting for what became of them (design D4). */
@NullMarked
package org.headrace.log.publish;

import org.jspecify.annotations.NullMarked;
