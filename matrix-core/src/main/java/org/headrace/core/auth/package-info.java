/** Authorisation rules, auth events selection, power levels (spec, room versions). */
@NullMarked
package org.headrace.core.auth;

import org.jspecify.annotations.NullMarked;
