/** View ports: what reads need, whatever the store (design D10). */
@NullMarked
package org.headrace.projections.view;

import org.jspecify.annotations.NullMarked;
