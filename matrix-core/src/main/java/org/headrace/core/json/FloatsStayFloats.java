package org.headrace.core.json;

import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.math.BigDecimal;

/**
 * Makes nodes for numbers with a fraction or an exponent such that they are written with one again.
 * {@code 1.0} would else be written as {@code 1} and read as an integer, which has other canonical
 * JSON in room versions 1 to 5, and so another hash.
 */
final class FloatsStayFloats extends JsonNodeFactory {
  private static final long serialVersionUID = 1L;

  /** Zero too has a sign and an exponent that are lost: NOTSPEC, -0.0 is read as 0.0. */
  private static final DecimalNode ZERO = DecimalNode.valueOf(new BigDecimal("0.0"));

  @Override
  public ValueNode numberNode(BigDecimal value) {
    if (value == null) {
      return nullNode();
    }
    if (value.signum() == 0) {
      return ZERO;
    }
    BigDecimal shortest = value.stripTrailingZeros();
    return DecimalNode.valueOf(shortest.scale() == 0 ? shortest.setScale(1) : shortest);
  }
}
