/** Weight of each edge of an undirected graph, by node. */
export type Graph = readonly ReadonlyMap<number, number>[];

const DAMPING = 0.85;
const MAX_ROUNDS = 60;
const CLOSE_ENOUGH = 1e-6;

/**
 * TextRank (Mihalcea and Tarau, 2004): PageRank over a weighted, undirected graph. A node ranks high when those ranked high are like it.
 * Always ends, and the same graph always gives the same ranks.
 */
export function rankNodes(graph: Graph): number[] {
  const totals = graph.map((edges) => [...edges.values()].reduce((sum, weight) => sum + weight, 0));
  let ranks = graph.map(() => 1);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = graph.map((edges) => {
      let received = 0;
      for (const [from, weight] of edges)
        received += (weight / (totals[from] || 1)) * (ranks[from] ?? 0);
      return 1 - DAMPING + DAMPING * received;
    });
    const change = Math.max(0, ...next.map((rank, node) => Math.abs(rank - (ranks[node] ?? 0))));
    ranks = next;
    if (change < CLOSE_ENOUGH) break;
  }
  return ranks;
}
