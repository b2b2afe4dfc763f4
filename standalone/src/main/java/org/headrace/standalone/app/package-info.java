/** The parts of Headrace started, wired and stopped as one process. */
@NullMarked
package org.headrace.standalone.app;

import org.jspecify.annotations.NullMarked;
