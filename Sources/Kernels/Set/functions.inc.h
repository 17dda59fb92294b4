// exp, exp2, log, log2, log10, tanh and sigmoid on vectors, within 2.5 units in the last place,
// right at the edges, and exact where a result is an integer.
// Polynomials: Cephes (S. Moshier), but those of exp: in float a minimax one of the degree of
// Cephes', in double SLEEF's (N. Shibata). exp reduces its argument with ln 2 in two parts, of
// Cephes in float, of fdlibm in double. Always inline, so that tile programs use them on registers.

// MARK: powers of 2

// p * 2^n for an integer n, given as 1.5 * 2^23 + n or 1.5 * 2^52 + n, where a unit is 1; the same
// bits on every set. Without an instruction for it: by 2^(n/2) twice, so that overflow and denormal
// results come out by themselves.
#if defined(BT_MASKS_AVX512)
BT_INLINE f32v scale_f32(f32v p, f32v shifted) {
  return _mm512_scalef_ps(p, shifted - 12582912.0f);
}
BT_INLINE f64v scale_f64(f64v p, f64v shifted) {
  return _mm512_scalef_pd(p, shifted - 6755399441055744.0);
}
#else
BT_INLINE f32v scale_f32(f32v p, f32v shifted) {
  i32v exponent = (i32v)shifted - 0x4B400000, half = exponent >> 1;
  return p * (f32v)((half + 127) << 23) * (f32v)((exponent - half + 127) << 23);
}
BT_INLINE f64v scale_f64(f64v p, f64v shifted) {
  i64v exponent = (i64v)shifted - 0x4338000000000000;
  i64v half = (i64v)((u64v)(exponent + 4096) >> 1) - 2048;  // AVX2 lacks the signed shift
  return p * (f64v)((half + 1023) << 52) * (f64v)((exponent - half + 1023) << 52);
}
#endif

// MARK: float

/// e^r 2^n, for n as `scale` takes it.
BT_INLINE f32v exp_reduced_f32(f32v r, f32v shifted) {
  f32v p = splat_f32(1.9790297665e-4f);
  p = BT_FMA(p, r, splat_f32(1.3944639359e-3f));
  p = BT_FMA(p, r, splat_f32(8.3334967494e-3f));
  p = BT_FMA(p, r, splat_f32(4.1666295379e-2f));
  p = BT_FMA(p, r, splat_f32(1.6666665673e-1f));
  p = BT_FMA(p, r, splat_f32(0.5f));
  return scale_f32(BT_FMA(p * r, r, r) + 1.0f, shifted);
}

BT_INLINE f32v exp_f32(f32v x) {
  f32v clamped = blend_f32(x < 104.0f, x, splat_f32(104.0f));
  clamped = blend_f32(clamped > -104.0f, clamped, splat_f32(-104.0f));
  f32v shifted = clamped * 1.44269504088896341f + 12582912.0f;
  f32v n = shifted - 12582912.0f;
  f32v r = BT_FMA(n, splat_f32(-0.693359375f), clamped);
  r = BT_FMA(n, splat_f32(2.12194440e-4f), r);
  return blend_f32(x != x, x, exp_reduced_f32(r, shifted));
}

BT_INLINE f32v exp2_f32(f32v x) {
  f32v clamped = blend_f32(x < 160.0f, x, splat_f32(160.0f));
  clamped = blend_f32(clamped > -160.0f, clamped, splat_f32(-160.0f));
  f32v shifted = clamped + 12582912.0f;
  f32v r = (clamped - (shifted - 12582912.0f)) * 0.693147180559945309f;
  return blend_f32(x != x, x, exp_reduced_f32(r, shifted));
}

BT_INLINE f32v sigmoid_f32(f32v x) {
  // exp of -|x| cannot overflow; on the negative side it is the numerator, so small results keep
  // all their digits.
  f32v e = exp_f32((f32v)((i32v)x | INT32_MIN));
  return blend_f32(x < 0.0f, e, splat_f32(1.0f)) / (e + 1.0f);
}

BT_INLINE f32v tanh_f32(f32v x) {
  f32v a = (f32v)((i32v)x & INT32_MAX), z = x * x;
  f32v p = splat_f32(-5.70498872745e-3f);
  p = BT_FMA(p, z, splat_f32(2.06390887954e-2f));
  p = BT_FMA(p, z, splat_f32(-5.37397155531e-2f));
  p = BT_FMA(p, z, splat_f32(1.33314422036e-1f));
  p = BT_FMA(p, z, splat_f32(-3.33332819422e-1f));
  f32v small = BT_FMA(p * z, x, x);
  f32v large = 1.0f - 2.0f / (exp_f32(a + a) + 1.0f);
  // The sign of x, also of -0.
  return (f32v)((i32v)blend_f32(a < 0.625f, small, large) | ((i32v)x & INT32_MIN));
}

/// log(x) is e ln 2 + log(1 + f), and log(1 + f) is f - f^2 / 2 plus what this answers.
BT_INLINE f32v log_reduced_f32(f32v x, f32v *e, f32v *f) {
  i32v denormal = x < 1.17549435e-38f;
  i32v bits = (i32v)blend_f32(denormal, x * 0x1p23f, x);
  i32v exponent = (bits - 0x3f3504f3) >> 23;  // of x / sqrt(1/2)
  f32v m = (f32v)(bits - (exponent << 23)) - 1.0f;
  *e = __builtin_convertvector(exponent - (denormal & 23), f32v);
  *f = m;
  f32v p = splat_f32(7.0376836292e-2f);
  p = BT_FMA(p, m, splat_f32(-1.1514610310e-1f));
  p = BT_FMA(p, m, splat_f32(1.1676998740e-1f));
  p = BT_FMA(p, m, splat_f32(-1.2420140846e-1f));
  p = BT_FMA(p, m, splat_f32(1.4249322787e-1f));
  p = BT_FMA(p, m, splat_f32(-1.6668057665e-1f));
  p = BT_FMA(p, m, splat_f32(2.0000714765e-1f));
  p = BT_FMA(p, m, splat_f32(-2.4999993993e-1f));
  p = BT_FMA(p, m, splat_f32(3.3333331174e-1f));
  return p * m * (m * m);
}

/// A logarithm of x put right where there is none, or none that is finite.
BT_INLINE f32v log_edges_f32(f32v x, f32v y) {
  y = blend_f32(x == __builtin_inff(), x, y);
  y = blend_f32(x == 0.0f, splat_f32(-__builtin_inff()), y);
  return blend_f32((x < 0.0f) | (x != x), splat_f32(__builtin_nanf("")), y);
}

BT_INLINE f32v log_f32(f32v x) {
  f32v e, f, y = log_reduced_f32(x, &e, &f);
  y = BT_FMA(e, splat_f32(-2.12194440e-4f), y);
  y = BT_FMA(f * f, splat_f32(-0.5f), y);
  return log_edges_f32(x, BT_FMA(e, splat_f32(0.693359375f), f + y));
}

BT_INLINE f32v log2_f32(f32v x) {
  f32v e, f, y = log_reduced_f32(x, &e, &f);
  y = f + BT_FMA(f * f, splat_f32(-0.5f), y);
  return log_edges_f32(x, e + BT_FMA(y, splat_f32(0.44269504088896341f), y));
}

BT_INLINE f32v log10_f32(f32v x) {
  f32v e, f, y = log_reduced_f32(x, &e, &f);
  y = f + BT_FMA(f * f, splat_f32(-0.5f), y);
  y = BT_FMA(e, splat_f32(7.9034151668e-7f), y * 0.43429448190325183f);
  return log_edges_f32(x, BT_FMA(e, splat_f32(0.30102920532f), y));
}

// MARK: double

BT_INLINE f64v exp_reduced_f64(f64v r, f64v shifted) {
  // Even and odd powers side by side: half as long to wait for.
  f64v z = r * r, even = splat_f64(2.08860621107283687536e-9);
  f64v odd = splat_f64(2.51112930892876518610e-8);
  even = BT_FMA(even, z, splat_f64(2.75573911234900471893e-7));
  odd = BT_FMA(odd, z, splat_f64(2.75572362911928827629e-6));
  even = BT_FMA(even, z, splat_f64(2.4801587159235472998e-5));
  odd = BT_FMA(odd, z, splat_f64(1.98412698960509205564e-4));
  even = BT_FMA(even, z, splat_f64(1.38888888889774492207e-3));
  odd = BT_FMA(odd, z, splat_f64(8.33333333331652721664e-3));
  even = BT_FMA(even, z, splat_f64(4.16666666666665047591e-2));
  odd = BT_FMA(odd, z, splat_f64(1.66666666666666851703e-1));
  even = BT_FMA(even, z, splat_f64(0.5));
  return scale_f64(BT_FMA(BT_FMA(odd, r, even), z, r) + 1.0, shifted);
}

BT_INLINE f64v exp_f64(f64v x) {
  f64v clamped = blend_f64(x < 745.5, x, splat_f64(745.5));
  clamped = blend_f64(clamped > -745.5, clamped, splat_f64(-745.5));
  f64v shifted = clamped * 1.4426950408889634074 + 6755399441055744.0;  // 1.5 * 2^52
  f64v n = shifted - 6755399441055744.0;
  f64v r = BT_FMA(n, splat_f64(-6.93147180369123816490e-1), clamped);
  r = BT_FMA(n, splat_f64(-1.90821492927058770002e-10), r);
  return blend_f64(x != x, x, exp_reduced_f64(r, shifted));
}

BT_INLINE f64v exp2_f64(f64v x) {
  f64v clamped = blend_f64(x < 1100.0, x, splat_f64(1100.0));
  clamped = blend_f64(clamped > -1100.0, clamped, splat_f64(-1100.0));
  f64v shifted = clamped + 6755399441055744.0;
  f64v r = (clamped - (shifted - 6755399441055744.0)) * 0.693147180559945309417;
  return blend_f64(x != x, x, exp_reduced_f64(r, shifted));
}

BT_INLINE f64v sigmoid_f64(f64v x) {
  f64v e = exp_f64((f64v)((i64v)x | INT64_MIN));
  return blend_f64(x < 0.0, e, splat_f64(1.0)) / (e + 1.0);
}

BT_INLINE f64v tanh_f64(f64v x) {
  f64v a = (f64v)((i64v)x & INT64_MAX), z = x * x;
  f64v p = BT_FMA(z, splat_f64(-9.64399179425052238628e-1), splat_f64(-9.92877231001918586564e1));
  p = BT_FMA(p, z, splat_f64(-1.61468768441708447952e3));
  f64v q = z + 1.12811678491632931402e2;
  q = BT_FMA(q, z, splat_f64(2.23548839060100448583e3));
  q = BT_FMA(q, z, splat_f64(4.84406305325125486048e3));
  f64v small = BT_FMA(x * z, p / q, x);
  f64v large = 1.0 - 2.0 / (exp_f64(a + a) + 1.0);
  // The sign of x, also of -0.
  return (f64v)((i64v)blend_f64(a < 0.625, small, large) | ((i64v)x & INT64_MIN));
}

BT_INLINE f64v log_reduced_f64(f64v x, f64v *e, f64v *f) {
  i64v denormal = x < 2.2250738585072014e-308;
  i64v bits = (i64v)blend_f64(denormal, x * 0x1p54, x);
  // Of x / sqrt(1/2); 1024 keeps it positive through a shift that AVX2 has for unsigned alone.
  i64v exponent = (i64v)((u64v)(bits - 0x3fe6a09e667f3bcd + (1024LL << 52)) >> 52) - 1024;
  f64v m = (f64v)(bits - (exponent << 52)) - 1.0;
  // An integer in the low bits of 1.5 * 2^52 is that number plus it.
  *e = (f64v)(exponent - (denormal & 54) + 0x4338000000000000) - 6755399441055744.0;
  *f = m;
  f64v p = BT_FMA(m, splat_f64(1.01875663804580931796e-4), splat_f64(4.97494994976747001425e-1));
  p = BT_FMA(p, m, splat_f64(4.70579119878881725854e0));
  p = BT_FMA(p, m, splat_f64(1.44989225341610930846e1));
  p = BT_FMA(p, m, splat_f64(1.79368678507819816313e1));
  p = BT_FMA(p, m, splat_f64(7.70838733755885391666e0));
  f64v q = m + 1.12873587189167450590e1;
  q = BT_FMA(q, m, splat_f64(4.52279145837532221105e1));
  q = BT_FMA(q, m, splat_f64(8.29875266912776603211e1));
  q = BT_FMA(q, m, splat_f64(7.11544750618563894466e1));
  q = BT_FMA(q, m, splat_f64(2.31251620126765340583e1));
  return m * (m * m * p / q);
}

BT_INLINE f64v log_edges_f64(f64v x, f64v y) {
  y = blend_f64(x == __builtin_inf(), x, y);
  y = blend_f64(x == 0.0, splat_f64(-__builtin_inf()), y);
  return blend_f64((x < 0.0) | (x != x), splat_f64(__builtin_nan("")), y);
}

BT_INLINE f64v log_f64(f64v x) {
  f64v e, f, y = log_reduced_f64(x, &e, &f);
  y = BT_FMA(e, splat_f64(-2.121944400546905827679e-4), y);
  y = BT_FMA(f * f, splat_f64(-0.5), y);
  return log_edges_f64(x, BT_FMA(e, splat_f64(0.693359375), f + y));
}

BT_INLINE f64v log2_f64(f64v x) {
  f64v e, f, y = log_reduced_f64(x, &e, &f);
  y = f + BT_FMA(f * f, splat_f64(-0.5), y);
  return log_edges_f64(x, e + BT_FMA(y, splat_f64(0.44269504088896340736), y));
}

BT_INLINE f64v log10_f64(f64v x) {
  f64v e, f, y = log_reduced_f64(x, &e, &f);
  y = f + BT_FMA(f * f, splat_f64(-0.5), y);
  y = BT_FMA(e, splat_f64(3.69423907715893078616e-13), y * 0.434294481903251827651);
  return log_edges_f64(x, BT_FMA(e, splat_f64(0.301029995663611771306), y));
}
