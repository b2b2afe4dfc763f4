/** The headrace command line and its settings. */
@NullMarked
package org.headrace.standalone.cli;

import org.jspecify.annotations.NullMarked;
