/** How a trace follows a command from topic to topic, and where its spans are recorded. */
@NullMarked
package org.headrace.schema.trace;

import org.jspecify.annotations.NullMarked;
