/** Tenants as data: which server names this deployment hosts. */
@NullMarked
package org.headrace.schema.tenant;

import org.jspecify.annotations.NullMarked;
