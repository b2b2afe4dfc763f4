/** The manifests of {@code k8s/}, read as data: what refers to what, and what must hold of each. */
@NullMarked
package org.headrace.standalone.k8s;

import org.jspecify.annotations.NullMarked;
