/** A few numbers at a glance; `label` says what they are. */
export function Sparkline({ values, label, width = 88, height = 24 }: { values: number[]; label: string; width?: number; height?: number }) {
  const most = Math.max(...values, 1);
  const step = width / values.length;
  return (
    <svg className="spark" role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <title>{label}</title>
      {values.map((value, index) => {
        const tall = value === 0 ? 1 : Math.max((value / most) * height, 3);
        return <rect key={index} x={index * step} y={height - tall} width={Math.max(step - 1, 1)} height={tall} rx={0.5} fill="currentColor" opacity={value === 0 ? 0.35 : 1} />;
      })}
    </svg>
  );
}
