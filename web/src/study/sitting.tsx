// SPDX-License-Identifier: MIT
import { lazy } from '../ui/lazy';
import { own } from './own';

const Running = lazy(() => import('./running'));

/** One's running clock, while one sits at a desk. */
export const Sitting = () => (own.value?.desk ? <Running /> : null);
