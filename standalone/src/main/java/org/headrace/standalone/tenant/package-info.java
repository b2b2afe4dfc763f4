/** Tenants and their keys in the data folder. */
@NullMarked
package org.headrace.standalone.tenant;

import org.jspecify.annotations.NullMarked;
