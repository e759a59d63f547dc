// What axe-core finds: the broken rules with their places.
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const places = (rule) => rule.nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`);
  return violations.map((rule) => ({ id: rule.id, impact: rule.impact, nodes: places(rule) }));
}
