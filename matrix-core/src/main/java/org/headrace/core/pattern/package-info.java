/** Globs and property paths (spec appendices). */
@NullMarked
package org.headrace.core.pattern;

import org.jspecify.annotations.NullMarked;
