/** Pure folds: what was decided, as row changes (design D10). */
@NullMarked
package org.headrace.projections.fold;

import org.jspecify.annotations.NullMarked;
