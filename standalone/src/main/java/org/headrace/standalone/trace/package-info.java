/** Traces by OpenTelemetry. Nothing of it is loaded where none are recorded. */
@NullMarked
package org.headrace.standalone.trace;

import org.jspecify.annotations.NullMarked;
