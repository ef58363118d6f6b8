import { INK } from "../theme";

/**
 * The classes of a ladder: a is an arrow's line and h its head, in the colours d (data), c (connection, thicker), f (FIN) and r (RST), thinner;
 * i is dashed: inferred; o is
 * the paper under an arrow; l a lane, n a box with a name, p a state, k a queue, x a cross, z the end of a socket.
 */
export const LADDER_STYLE = [
  `.l{stroke:${INK.line};stroke-width:1.5;fill:none}`,
  `.n{fill:${INK.shade};stroke:${INK.quiet}}`,
  `.c-text{fill:${INK.connection}}`,
  `.a{fill:none;stroke-width:1.6}`,
  `.o{fill:none;stroke:${INK.paper};stroke-width:4.5}`,
  `.d{stroke:${INK.bytes}}`,
  `.c{stroke:${INK.connection};stroke-width:2.2}`,
  `.f{stroke:${INK.quiet};stroke-width:1.2}`,
  `.r{stroke:${INK.error};stroke-width:1.2}`,
  `.i{stroke-dasharray:5 3}`,
  `.h{stroke:none}`,
  `.h.d{fill:${INK.bytes}}`,
  `.h.c{fill:${INK.connection}}`,
  `.h.f{fill:${INK.quiet}}`,
  `.h.r{fill:${INK.error}}`,
  `.x{stroke:${INK.error};stroke-width:2.4;fill:none}`,
  `.z{fill:${INK.text}}`,
  `.k{stroke:${INK.text};stroke-width:1.4;fill:none}`,
  `.p{fill:${INK.paper};stroke:${INK.quiet}}`,
  `.p-line{stroke:${INK.quiet};stroke-dasharray:1 2;fill:none}`,
  `.dot{fill:${INK.text}}`,
  `.hollow{fill:${INK.paper};stroke:${INK.text};stroke-width:1.5}`,
  `.w-bar{fill:url(#w);stroke:${INK.wait}}`,
  `.w-open{stroke:${INK.wait};stroke-width:2;stroke-dasharray:2 2}`,
  `.w-fill{fill:${INK.waitFill}}`,
  `.w-line{stroke:${INK.wait}}`,
  `.cut{fill:${INK.paper}}`,
  `.torn{stroke:${INK.line};stroke-dasharray:2 3;fill:none}`,
  `text.e{fill:${INK.error};font-weight:700}`,
  `text.w{fill:${INK.wait};font-weight:700}`,
].join("");

/** Hatching, so that a wait is seen in black and white too. */
export const LADDER_PATTERN =
  `<pattern id="w" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
  `<rect class="w-fill" width="4" height="4"/><path class="w-line" d="M0 0V4"/></pattern>`;
