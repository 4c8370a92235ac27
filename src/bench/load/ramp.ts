/**
 * When as much has come as came by `units` at one a unit of time, in seconds, if the rate grows linearly from `from` to
 * `to` over `seconds` and then stays: so that each kind of arrivals keeps its kind (time rescaling: Daley and Vere-Jones,
 * "An Introduction to the Theory of Point Processes", 7.4).
 */
export function rampTime(units: number, from: number, to: number, seconds: number): number {
  const inRamp = ((from + to) / 2) * seconds
  if (units >= inRamp) return seconds + (units - inRamp) / to
  // The root of from·t + (to − from)/(2·seconds)·t² = units, in the form that loses no digits where `to` is near `from`.
  const slope = (to - from) / seconds
  return units === 0 ? 0 : (2 * units) / (from + Math.sqrt(from * from + 2 * slope * units))
}
